/** A part in a few lines, for tests of the supervisor. */
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { runPart } from '../../local/part.ts';

const [name = 'fake', behaviour, file] = process.argv.slice(2);
if (behaviour === 'fail') console.error('a first line');
if (behaviour === 'silent') process.exit(3);

await runPart(name, async () => {
  if (behaviour === 'fail') throw new Error('the shelf is empty');
  return {
    url: `http://127.0.0.1:1/${name}`,
    async close() {
      if (behaviour === 'stubborn') await delay(600_000);
      if (behaviour === 'slow') await delay(300);
      if (file) appendFileSync(file, `${name}\n`);
    },
  };
});
setInterval(() => {}, 60_000);
