import { parseArgs } from 'node:util';
import { runPart } from '../part.ts';
import { startOidcIssuer } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'data-dir': { type: 'string', default: '.local/oidc-issuer' },
    audience: { type: 'string', default: 'confluence-for-neo' },
  },
});

// A secret: by the environment, because other users can read a command line.
const identityHeader = process.env.IDENTITY_HEADER;

await runPart('oidc-issuer', () =>
  startOidcIssuer({
    port: Number(values.port),
    dataDir: values['data-dir'],
    audience: values.audience,
    ...(identityHeader ? { identityHeader } : {}),
  }),
);
