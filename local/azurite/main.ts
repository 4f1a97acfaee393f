import { parseArgs } from 'node:util';
import { runPart } from '../part.ts';
import { startAzurite } from './server.ts';

const { values } = parseArgs({
  options: {
    'blob-port': { type: 'string', default: '10000' },
    'queue-port': { type: 'string', default: '10001' },
    'data-dir': { type: 'string', default: '.local/azurite' },
  },
});

await runPart('azurite', () =>
  startAzurite({
    blobPort: Number(values['blob-port']),
    queuePort: Number(values['queue-port']),
    dataDir: values['data-dir'],
  }),
);
