import { parseArgs } from 'node:util';
import { runPart } from '../part.ts';
import { startCosmos } from './server.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8081' }, 'data-dir': { type: 'string', default: ':memory:' } },
});

await runPart('cosmos', () => startCosmos({ port: Number(values.port), dataDir: values['data-dir'] }));
