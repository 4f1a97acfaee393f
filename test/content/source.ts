import { Parser } from 'htmlparser2';
import type { Structure } from './structure.ts';

/**
 * What a body holds, read by htmlparser2's own parser and a few rules, as the other side of the comparison. Not counted as
 * readable, each for a reason:
 * - `ac:placeholder`: a hint that Confluence shows only to the editor of the page;
 * - `ac:parameter`, `ac:default-parameter`: settings of macros; those that are shown (titles) have golden files;
 * - `ac:adf-attribute` and what is in it: settings of extensions;
 * - `ac:task-id`, `ac:task-uuid`, `ac:task-status`: identifiers; the status is the task's box;
 * - `fab:*`, `at:*`: the editor's own notes;
 * - `head`, `script`, `style`: not content of the page;
 * - anything with `display: none`: tools hide their own state there;
 * - `ac:adf-fallback`: says the node before it again.
 */
const NOT_READABLE =
  /^(?:ac:(?:placeholder|parameter|default-parameter|adf-attribute|task-id|task-uuid|task-status|adf-fallback)|fab:.*|at:.*|head|script|style)$/;

/** Elements in the middle of a line, perhaps of a word. */
const INLINE =
  /^(?:a|b|big|br|br\\|cite|code|del|em|font|i|ins|kbd|s|small|span|strike|strong|sub|sup|tt|u|ac:inline-comment-marker|ac:link|ac:link-body|ac:plain-text-link-body)$/;

/** Shows something without any text of its own in the body. */
const SHOWN = /^(?:ac:(?:emoticon|time|link|image|structured-macro|macro|adf-extension)|time|img)$/;

interface Frame {
  name: string;
  /** True once something is inside that a reader sees. */
  filled: boolean;
  text: string;
  cdata: string;
}

export function readSource(storage: string): Structure {
  const found: Structure = { headings: [], listItems: [], cells: [], code: [], text: '' };
  const stack: Frame[] = [];
  let hidden = 0;
  let inCdata = false;
  const hide: boolean[] = [];
  const addText = (text: string) => {
    found.text += text;
    for (const frame of stack) frame.text += text;
  };
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const unreadable = NOT_READABLE.test(name) || /display:\s*none/.test(attributes.style ?? '');
        hide.push(unreadable);
        if (unreadable) hidden++;
        addText(name.startsWith('br') ? '\n' : INLINE.test(name) ? '' : ' ');
        if (hidden === 0 && SHOWN.test(name) && attributes['ac:name'] !== 'anchor')
          for (const frame of stack) frame.filled = true;
        const isDecision = name === 'ac:adf-node' && attributes.type === 'decision-item';
        stack.push({ name: isDecision ? 'decision-item' : name, filled: false, text: '', cdata: '' });
      },
      ontext(text) {
        if (hidden > 0) return;
        addText(text);
        const top = stack.at(-1);
        if (top && inCdata) top.cdata += text;
      },
      oncdatastart() {
        inCdata = true;
      },
      oncdataend() {
        inCdata = false;
      },
      onclosetag() {
        const frame = stack.pop();
        if (frame && !INLINE.test(frame.name)) addText(' ');
        if (frame && hidden === 0) record(frame, found);
        if (hide.pop()) hidden--;
      },
    },
    { xmlMode: false, recognizeCDATA: true, recognizeSelfClosing: true, lowerCaseTags: true },
  );
  parser.end(storage);
  return found;
}

function record(frame: Frame, found: Structure): void {
  const { name, text, cdata } = frame;
  const filled = frame.filled || text.trim() !== '';
  if (/^h[1-6]$/.test(name) && filled) found.headings.push(text);
  if (/^(?:li|ac:task-body|decision-item)$/.test(name) && filled) found.listItems.push(text);
  if ((name === 'td' || name === 'th') && filled) found.cells.push(text);
  if (name === 'ac:plain-text-body') found.code.push(cdata || text);
  if (name === 'pre') found.code.push(text);
}
