import type { Simulator } from '../simulator.ts';
import { takeId } from './sites.ts';

/** Puts a label on something; the label itself is created when nobody used it before. Personal (`my`) labels have an owner. */
export function addLabel(
  simulator: Simulator,
  site: number,
  contentId: number,
  prefix: string,
  name: string,
  ownerId = '',
): void {
  const { database, clock } = simulator;
  const owner = prefix === 'my' ? ownerId : '';
  const known = database.get<{ id: number }>(
    'SELECT id FROM label WHERE site = ? AND prefix = ? AND name = ? AND ownerId = ?',
    site,
    prefix,
    name,
    owner,
  );
  const id = known?.id ?? takeId(simulator, site);
  if (!known) database.run('INSERT INTO label VALUES (?, ?, ?, ?, ?, ?)', site, id, prefix, name, owner, clock.now());
  database.run('INSERT OR IGNORE INTO contentLabel VALUES (?, ?, ?)', site, id, contentId);
}

/** Takes a label off; a label that nothing carries any more is gone. */
export function removeLabel(
  { database }: Simulator,
  site: number,
  contentId: number,
  prefix: string,
  name: string,
): boolean {
  const labels = database.all<{ id: number }>(
    'SELECT id FROM label WHERE site = ? AND prefix = ? AND name = ?',
    site,
    prefix,
    name,
  );
  let removed = 0;
  for (const { id } of labels) {
    removed += database.run(
      'DELETE FROM contentLabel WHERE site = ? AND labelId = ? AND contentId = ?',
      site,
      id,
      contentId,
    );
    dropUnused({ database }, site, id);
  }
  return removed > 0;
}

export function dropUnused({ database }: Pick<Simulator, 'database'>, site: number, labelId: number): void {
  database.run(
    'DELETE FROM label WHERE site = ? AND id = ? AND NOT EXISTS (SELECT 1 FROM contentLabel WHERE site = ? AND labelId = ?)',
    site,
    labelId,
    site,
    labelId,
  );
}

export interface NewAttachment {
  fileName: string;
  mediaType: string;
  sizeBytes: number;
  comment?: string | undefined;
  accountId: string;
  /** Epoch milliseconds. */
  at: number;
}

/** Attaches a file, or adds a version to the attachment of that name. Answers its numeric id. */
export function addAttachment(simulator: Simulator, site: number, contentId: number, file: NewAttachment): number {
  const { database } = simulator;
  const known = database.get<{ id: number }>(
    "SELECT id FROM attachment WHERE site = ? AND contentId = ? AND title = ? AND status = 'current'",
    site,
    contentId,
    file.fileName,
  );
  if (known) {
    database.run(
      `UPDATE attachment SET versionNumber = versionNumber + 1, versionAt = ?, versionAuthorId = ?, fileSize = ?,
         mediaType = ?, comment = ? WHERE site = ? AND id = ?`,
      file.at,
      file.accountId,
      file.sizeBytes,
      file.mediaType,
      file.comment ?? '',
      site,
      known.id,
    );
    return known.id;
  }
  const id = takeId(simulator, site);
  database.run(
    "INSERT INTO attachment VALUES (?, ?, ?, 'current', ?, ?, ?, ?, ?, ?, 1, ?, ?)",
    site,
    id,
    contentId,
    file.fileName,
    file.mediaType,
    file.sizeBytes,
    file.comment ?? '',
    `file-${id}`,
    file.at,
    file.at,
    file.accountId,
  );
  return id;
}
