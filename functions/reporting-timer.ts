import { app } from '@azure/functions';
import { reportPersonalData } from '../shared/connection/reporting.ts';
import { deps } from '../shared/platform/deps.ts';
import { settingsSchema } from '../shared/platform/settings.ts';

app.timer('reporting-timer', {
  // Read from the environment alone: a setting that is wrong elsewhere must not keep the functions from loading.
  schedule: settingsSchema.shape.REPORT_SCHEDULE.parse(process.env.REPORT_SCHEDULE || undefined),
  handler: async () => {
    await reportPersonalData(deps());
  },
});
