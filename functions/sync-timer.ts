import { timerFunction } from '../shared/platform/queue-function.ts';
import { scheduleDue } from '../shared/sync/schedule.ts';

timerFunction('sync-timer', 'SYNC_SCHEDULE', scheduleDue);
