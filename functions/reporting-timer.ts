import { reportPersonalData } from '../shared/connection/reporting.ts';
import { timerFunction } from '../shared/platform/queue-function.ts';

timerFunction('reporting-timer', 'REPORT_SCHEDULE', reportPersonalData);
