import type { ListItem } from 'mdast';
import type { ElementHandler } from '../context.ts';
import { item, pushList } from '../lists.ts';
import type { Piece } from '../pieces.ts';
import { parameter, pushMark } from './macro.ts';

interface Plan {
  readonly lanes: { title: string; bars: string[] }[];
  readonly markers: string[];
}

/** `roadmap`: the planner keeps its lanes and bars as percent-encoded JSON in a parameter; a list says them. */
export const roadmap: ElementHandler = (macro, style, _page, out) => {
  const title = parameter(macro, 'title');
  pushMark(title ? `roadmap: ${decode(title)}` : 'roadmap', { ...style, inline: false }, out);
  const plan = readPlan(parameter(macro, 'source') ?? '');
  if (plan) pushPlan(plan, out);
};

function pushPlan({ lanes, markers }: Plan, out: Piece[]): void {
  const items: ListItem[] = [];
  for (const lane of lanes) {
    const each = item([line(lane.title)]);
    const bars: Piece[] = [];
    pushList(
      lane.bars.map((bar) => item([line(bar)])),
      { ordered: false },
      bars,
    );
    for (const piece of bars)
      if (piece.kind === 'block') each.children.push(piece.node as ListItem['children'][number]);
    items.push(each);
  }
  for (const marker of markers) items.push(item([line(marker)]));
  pushList(items, { ordered: false }, out);
}

function line(value: string) {
  return { type: 'paragraph' as const, children: [{ type: 'text' as const, value }] };
}

function readPlan(source: string): Plan | undefined {
  try {
    const plan = JSON.parse(decode(source)) as unknown;
    return {
      lanes: list(plan, 'lanes').map((lane) => ({
        title: field(lane, 'title'),
        bars: list(lane, 'bars').map(describe),
      })),
      markers: list(plan, 'markers').map(describe),
    };
  } catch {
    return undefined;
  }
}

function describe(bar: unknown): string {
  return [field(bar, 'title'), field(bar, 'description')].filter(Boolean).join(': ');
}

function list(value: unknown, name: string): unknown[] {
  const found = (value as Record<string, unknown> | null)?.[name];
  return Array.isArray(found) ? found : [];
}

function field(value: unknown, name: string): string {
  const found = (value as Record<string, unknown> | null)?.[name];
  return typeof found === 'string' ? found.replace(/\s+/g, ' ').trim() : '';
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}
