/** A node of the Atlassian Document Format. */
export interface AdfNode {
  type: string;
  attrs?: Record<string, unknown>;
  content?: AdfNode[];
  text?: string;
  marks?: AdfMark[];
}

export interface AdfMark {
  type: string;
  attrs?: Record<string, unknown>;
}

export function paragraph(content: AdfNode[]): AdfNode {
  return { type: 'paragraph', ...(content.length > 0 ? { content } : {}) };
}

/** ADF forbids empty text nodes. */
export function text(value: string, marks: readonly AdfMark[] = []): AdfNode[] {
  return value === '' ? [] : [{ type: 'text', text: value, ...(marks.length > 0 ? { marks: [...marks] } : {}) }];
}
