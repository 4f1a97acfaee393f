/**
 * Takes people's names out of a body in Atlassian Document Format, where a mention carries its text beside the account
 * id. A body that is not ADF gives an empty text: what cannot be checked is not handed out.
 */
export function withoutMentionNames(adf: string): string {
  if (adf === '') return '';
  try {
    return JSON.stringify(JSON.parse(adf), (_, value) => (isMention(value) ? unnamed(value) : value));
  } catch {
    return '';
  }
}

interface Mention {
  readonly type: 'mention';
  readonly attrs?: Readonly<Record<string, unknown>>;
}

function isMention(value: unknown): value is Mention {
  return typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'mention';
}

function unnamed(mention: Mention): unknown {
  const { text: _text, ...attrs } = mention.attrs ?? {};
  return { ...mention, attrs };
}
