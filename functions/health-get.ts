import { publicRoute } from '../shared/platform/http-function.ts';

publicRoute('health-get', async () => ({ jsonBody: { status: 'ok' } }));
