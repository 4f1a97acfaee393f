import { queueFunction } from '../shared/platform/queue-function.ts';

queueFunction('sync-now-worker', 'confluence-sync-now');
