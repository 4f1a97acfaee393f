import { parseArgs } from 'node:util';
import { runPart } from '../part.ts';
import { startConfluence } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'data-dir': { type: 'string' },
    'client-id': { type: 'string' },
    'client-secret': { type: 'string' },
    'callback-url': { type: 'string', multiple: true },
    'no-demo': { type: 'boolean', default: false },
  },
});

await runPart('confluence', async () => {
  const dataDir = values['data-dir'];
  if (!dataDir) throw new Error('--data-dir is missing: name the folder for the state');
  return startConfluence({
    port: Number(values.port),
    dataDir,
    // The environment keeps the secret out of the process list.
    clientId: values['client-id'] ?? process.env.ATLASSIAN_CLIENT_ID,
    clientSecret: values['client-secret'] ?? process.env.ATLASSIAN_CLIENT_SECRET,
    callbackUrls: values['callback-url'],
    demo: !values['no-demo'],
  });
});
