import { storageToAdf } from '../adf.ts';
import type { ContentRow } from '../content/rows.ts';
import { readBody } from '../content/store.ts';
import type { Call } from '../gateway/call.ts';
import { storageToView } from '../view.ts';

export const SINGLE_BODY_FORMATS = [
  'storage',
  'atlas_doc_format',
  'view',
  'export_view',
  'anonymous_export_view',
  'styled_view',
  'editor',
] as const;
export type SingleBodyFormat = (typeof SINGLE_BODY_FORMATS)[number];

/** The body of a single page in any of the formats; `{}` when none is asked for. Only rendered ones resolve includes. */
export function singleBody(
  call: Call,
  row: ContentRow,
  bodyVersion: number,
  format: SingleBodyFormat | undefined,
): object {
  if (!format) return {};
  const storage = readBody(call.simulator, call.site, row, bodyVersion);
  return { [format]: { representation: format, value: convert(call, row, storage, format) } };
}

function convert(call: Call, row: ContentRow, storage: string, format: SingleBodyFormat): string {
  if (format === 'storage' || format === 'editor') return storage;
  return format === 'atlas_doc_format' ? storageToAdf(storage) : storageToView(call, row, storage);
}
