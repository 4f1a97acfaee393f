import type { BlockContent } from 'mdast';
import type { LinkTarget } from './pieces.ts';

/** GitHub's alerts, which agents and people know: `> [!NOTE]`. */
export type CalloutKind = 'NOTE' | 'TIP' | 'IMPORTANT' | 'WARNING' | 'CAUTION';

/** An info, note, warning, tip or other panel. */
export interface Callout {
  type: 'callout';
  kind: CalloutKind;
  children: BlockContent[];
  data?: Record<string, never>;
}

declare module 'mdast' {
  interface BlockContentMap {
    callout: Callout;
  }
  interface RootContentMap {
    callout: Callout;
  }
  interface EmphasisData {
    /** Stands for a macro's missing output: not the author's words. */
    macroMark?: boolean;
  }
  interface HtmlData {
    /** The author's words inside the HTML, for plain text. */
    plainText?: string;
  }
  interface LinkData {
    target?: LinkTarget;
  }
  interface HeadingData {
    /** The heading's own id in the body, which links of the page may use. */
    id?: string;
  }
  interface ListItemData {
    ordinal?: number;
  }
}
