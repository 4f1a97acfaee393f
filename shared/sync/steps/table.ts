import type { Cursors, Position, StepName } from '../position.ts';
import type { Step, StepContext, StepOutcome } from '../step.ts';
import { attachments } from './attachments.ts';
import { authors } from './authors.ts';
import { changes } from './changes.ts';
import { goneLabels, labelPages, labels, pageLabels } from './labels.ts';
import { pages } from './pages.ts';
import { probe } from './probe.ts';
import { questions, removals } from './questions.ts';
import { spaces } from './spaces.ts';
import { staleParts } from './stale-parts.ts';
import { unlistedSpaces } from './unlisted-spaces.ts';

/** Every step of a run, in the order in which a full run takes them; a delta takes `changes` and `authors`. */
const steps: { readonly [S in Exclude<StepName, 'finish'>]: Step<S> } = {
  probe,
  spaces,
  pages,
  'unlisted-spaces': unlistedSpaces,
  questions,
  removals,
  'stale-parts': staleParts,
  labels,
  'label-pages': labelPages,
  'gone-labels': goneLabels,
  'page-labels': pageLabels,
  attachments,
  changes,
  authors,
};

/** Does one unit of work at a position other than `finish`. */
export function runStep(context: StepContext, { step, cursor }: Position): Promise<StepOutcome> {
  if (step === 'finish') throw new Error('a finished run has no further step');
  return (steps[step] as Step<StepName>)(context, cursor as Cursors[StepName]);
}
