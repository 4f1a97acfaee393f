import { queueFunction } from '../shared/platform/queue-function.ts';

queueFunction('sync-worker', 'confluence-sync');
