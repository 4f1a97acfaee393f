import { parseArgs } from 'node:util';
import { runPart } from '../part.ts';
import { startFunctionsHost } from './server.ts';

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: '.' },
    port: { type: 'string', default: '7071' },
    settings: { type: 'string' },
  },
});

await runPart('functions host', () =>
  startFunctionsHost({
    appDir: values.app,
    port: Number(values.port),
    ...(values.settings === undefined ? {} : { settingsFile: values.settings }),
  }),
);
