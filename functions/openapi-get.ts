import { publicRoute } from '../shared/platform/http-function.ts';
import { openApiDocument } from '../shared/platform/openapi.ts';

const description = { summary: 'This document.' };

publicRoute('openapi-get', description, async () => ({ jsonBody: openApiDocument() }));
