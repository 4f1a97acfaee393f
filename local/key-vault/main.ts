import { parseArgs } from 'node:util';
import { runPart } from '../part.ts';
import { startKeyVault } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'data-dir': { type: 'string', default: '.local/key-vault' },
    'deletion-ms': { type: 'string' },
  },
});

await runPart('key-vault', () =>
  startKeyVault({
    port: Number(values.port),
    dataDir: values['data-dir'],
    ...(values['deletion-ms'] === undefined ? {} : { deletionMs: Number(values['deletion-ms']) }),
  }),
);
