import { parseArgs } from 'node:util';
import { runPart } from '../part.ts';
import { startDashboard } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'functions-url': { type: 'string' },
    'issuer-url': { type: 'string' },
  },
});

// A connection string is a secret: by the environment, because other users can read a command line.
const storageConnectionString = process.env.AzureWebJobsStorage;

await runPart('dashboard', async () => {
  const functionsUrl = values['functions-url'];
  const issuerUrl = values['issuer-url'];
  if (!functionsUrl || !issuerUrl)
    throw new Error('--functions-url or --issuer-url is missing: the application and the issuer of its tokens');
  return startDashboard({
    port: Number(values.port),
    functionsUrl,
    issuerUrl,
    ...(storageConnectionString ? { storageConnectionString } : {}),
  });
});
