import { storageToAdf } from '../adf.ts';
import { findVersion, readBody } from '../content/store.ts';
import type { Call } from '../gateway/call.ts';
import { notFound } from '../gateway/errors.ts';
import { choice, toId } from '../gateway/parameters.ts';
import { answerSlice } from '../gateway/slice.ts';
import { type Answer, json } from '../http/exchange.ts';
import { versionJson } from './content-json.ts';
import { versionsOf } from './includes.ts';
import { withContent } from './readable.ts';

/** `GET /pages/{id}/versions` and `GET /blogposts/{id}/versions`, newest first. */
export function listVersions(kind: 'page' | 'blogpost'): (call: Call) => Answer {
  return (call) =>
    withContent(call, kind, (row) => {
      const format = choice(call.query, 'body-format', ['storage', 'atlas_doc_format']);
      const versions = versionsOf(call, row);
      if (choice(call.query, 'sort', ['modified-date', '-modified-date']) === 'modified-date') versions.reverse();
      const body = (bodyVersion: number) => {
        if (!format) return {};
        const storage = readBody(call.simulator, call.site, row, bodyVersion);
        return { [format]: { representation: format, value: format === 'storage' ? storage : storageToAdf(storage) } };
      };
      return answerSlice(call, versions, (version) => ({
        ...versionJson(version),
        [kind]: { id: String(row.id), title: version.title, body: body(version.bodyVersion) },
      }));
    });
}

/** `GET /pages/{id}/versions/{number}` */
export function getVersion(call: Call): Answer {
  const number = toId('version-number', call.params.number ?? '');
  return withContent(call, 'page', (row) => {
    const version = findVersion(call.simulator, call.site, row, number);
    if (!version) return notFound(`version ${number} of page ${row.id}`);
    call.charge({ objects: 1 });
    return json(200, {
      ...versionJson(version),
      contentTypeModified: false,
      collaborators: [version.authorId],
      ...(number > 1 ? { prevVersion: number - 1 } : {}),
      ...(number < row.versionNumber ? { nextVersion: number + 1 } : {}),
    });
  });
}
