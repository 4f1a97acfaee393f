import type { ListPage } from '../atlassian/list.ts';
import type { ConfluencePage } from '../atlassian/schemas.ts';

type PageList = ListPage<ConfluencePage>;

/**
 * One API page ahead: while the pages of one are converted and written, Confluence makes up the next. It is only a
 * head start; what was listed ahead and is not asked for next, because the run went on elsewhere, is dropped. A failure is
 * thrown to whoever asks.
 */
export class ListAhead<Query extends object> {
  readonly #list: (query: Query) => Promise<PageList>;
  readonly #mayList: (query: Query) => Promise<boolean>;
  #ahead: { readonly key: string; readonly granted: Promise<boolean>; readonly listed: Promise<PageList> } | undefined;

  /** @param mayList whether the points are there and this turn is long enough; asked before each head start */
  constructor(list: (query: Query) => Promise<PageList>, mayList: (query: Query) => Promise<boolean>) {
    this.#list = list;
    this.#mayList = mayList;
  }

  /** The API page that this query asks for, listed ahead or now. */
  async get(query: Query): Promise<PageList> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.key === JSON.stringify(query) && (await ahead.granted)) return ahead.listed;
    return this.#list(query);
  }

  /** Begins to list what is probably asked for next. */
  begin(query: Query): void {
    const granted = this.#mayList(query).catch(() => false);
    const listed = granted.then((may) => (may ? this.#list(query) : Promise.reject(new Error('not listed ahead'))));
    listed.catch(() => undefined);
    this.#ahead = { key: JSON.stringify(query), granted, listed };
  }

  /** Whether an API page was begun and its points have been asked for. */
  async isUnderWay(): Promise<boolean> {
    return (await this.#ahead?.granted) ?? false;
  }
}
