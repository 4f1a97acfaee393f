/** Supervises two parts and tells the parent their process ids; for the test that kills a supervisor. */
import { createSupervisor } from '../../local/supervisor.ts';

const [logDir = '', entry = ''] = process.argv.slice(2);
const ignore = () => {};
const supervisor = createSupervisor({ logDir, log: ignore, onDeath: ignore, onRestart: ignore });
for (const name of ['one', 'two']) await supervisor.start({ name, entry, args: [name], restart: name === 'two' });
process.send?.(Object.values(supervisor.pids()));
