import { z } from 'zod';
import { addAttachment, addLabel, removeLabel } from '../content/edits.ts';
import * as mutations from '../content/mutations.ts';
import { restrict } from '../content/restrictions.ts';
import { touchSearch } from '../content/search-index.ts';
import { MAIN_ACCOUNT } from '../content/site-setup.ts';
import type { Simulator } from '../simulator.ts';
import { Refused } from './request.ts';
import { spaceIdOf } from './space-actions.ts';

/** Does one thing to a page or blog post. Throws a `ZodError` for a wrong body. */
type PageAction = (simulator: Simulator, site: number, id: number, body: unknown) => void;

const updateSchema = z.strictObject({
  title: z.string().min(1).optional(),
  storage: z.string().optional(),
  message: z.string().optional(),
  minorEdit: z.boolean().optional(),
  accountId: z.string().optional(),
});
const moveSchema = z.strictObject({ spaceKey: z.string().optional(), parentId: z.coerce.number().optional() });
const labelSchema = z.strictObject({
  name: z.string().min(1),
  prefix: z.enum(['global', 'my', 'team']).default('global'),
  accountId: z.string().default(MAIN_ACCOUNT),
});
const attachSchema = z.strictObject({
  fileName: z.string().min(1),
  mediaType: z.string().default('application/octet-stream'),
  sizeBytes: z.int().nonnegative().default(1),
  comment: z.string().optional(),
  accountId: z.string().default(MAIN_ACCOUNT),
});
const detachSchema = z.strictObject({ fileName: z.string().min(1), purge: z.boolean().default(false) });
const statusSchema = z.strictObject({ withDescendants: z.boolean().default(false) });

const statusAction =
  (status: 'current' | 'archived' | 'trashed'): PageAction =>
  (simulator, site, id, body) =>
    mutations.setStatus(simulator, site, id, status, statusSchema.parse(body).withDescendants);

/** What can be done at `POST /_simulator/sites/{cloudId}/pages/{id}/{action}`. */
export const PAGE_ACTIONS: Readonly<Record<string, PageAction>> = {
  update: (simulator, site, id, body) => {
    const edit = updateSchema.parse(body);
    mutations.editContent(simulator, site, id, { ...edit, rewrite: edit.title === undefined });
  },
  rename: (simulator, site, id, body) => {
    const { title } = z.strictObject({ title: z.string().min(1) }).parse(body);
    mutations.editContent(simulator, site, id, { title });
  },
  move: (simulator, site, id, body) => {
    const { spaceKey, parentId } = moveSchema.parse(body);
    const spaceId = spaceKey === undefined ? undefined : spaceIdOf(simulator, site, spaceKey);
    mutations.moveContent(simulator, site, id, { spaceId, parentId });
  },
  label: (simulator, site, id, body) => {
    const { name, prefix, accountId } = labelSchema.parse(body);
    mutations.storedContent(simulator, site, id);
    addLabel(simulator, site, id, prefix, name, accountId);
  },
  unlabel: (simulator, site, id, body) => {
    const { name, prefix } = labelSchema.parse(body);
    if (!removeLabel(simulator, site, id, prefix, name)) throw new Refused(404, `${id} has no label ${prefix}:${name}`);
  },
  attach: (simulator, site, id, body) => {
    mutations.storedContent(simulator, site, id);
    const attachmentId = addAttachment(simulator, site, id, { ...attachSchema.parse(body), at: simulator.clock.now() });
    touchSearch(simulator, site, attachmentId, 'attachment');
  },
  detach: (simulator, site, id, body) => {
    const { fileName, purge } = detachSchema.parse(body);
    const found = simulator.database.get<{ id: number }>(
      'SELECT id FROM attachment WHERE site = ? AND contentId = ? AND title = ?',
      site,
      id,
      fileName,
    );
    if (!found) throw new Refused(404, `${id} has no attachment ${fileName}`);
    const sql = purge ? 'DELETE FROM attachment' : "UPDATE attachment SET status = 'trashed'";
    simulator.database.run(`${sql} WHERE site = ? AND id = ?`, site, found.id);
    touchSearch(simulator, site, found.id, 'attachment');
  },
  trash: statusAction('trashed'),
  restore: statusAction('current'),
  archive: statusAction('archived'),
  unarchive: statusAction('current'),
  purge: (simulator, site, id) => mutations.purgeContent(simulator, site, id),
  restrict: (simulator, site, id, body) => {
    const { accountIds } = z.strictObject({ accountIds: z.array(z.string()).default([]) }).parse(body);
    mutations.storedContent(simulator, site, id);
    restrict(simulator, site, id, accountIds);
  },
  unrestrict: (simulator, site, id) => {
    mutations.storedContent(simulator, site, id);
    restrict(simulator, site, id, undefined);
  },
  'delete-version': (simulator, site, id, body) => {
    const { number } = z.strictObject({ number: z.int().positive() }).parse(body);
    mutations.deleteVersion(simulator, site, id, number);
  },
};
