import { type Controller, createController } from './controller.ts';
import { render } from './dom.ts';
import type { State } from './state.ts';
import { STYLES } from './style/sheet.ts';
import { tileView } from './view/tile.ts';

/**
 * `<confluence-tile base="/tenants/acme">`: Confluence of one tenant, for the page of a dashboard.
 *
 * - `base`: path of the dashboard's own backend for this tenant; see `api.ts` for the calls below it
 * - `app-origin`: the origin of the application's callback page. Default: where this script was loaded from
 * - `refresh()`: look at the connection now, for a page that has heard of a change
 *
 * Colours follow `color-scheme` and the CSS variables `--confluence-tile-…`, see `style/theme.css`.
 */
export class ConfluenceTile extends HTMLElement {
  static readonly observedAttributes = ['base', 'app-origin'];

  #root: ShadowRoot | undefined;
  #controller: Controller | undefined;
  /** What had the focus when a dialog opened. */
  #beforeDialog: HTMLElement | undefined;

  connectedCallback(): void {
    this.#root ??= this.#attach();
    this.#start();
  }

  disconnectedCallback(): void {
    this.#controller?.stop();
    this.#controller = undefined;
  }

  attributeChangedCallback(_name: string, before: string | null, now: string | null): void {
    if (this.#controller && before !== now) this.#start();
  }

  /** Looks at the connection now. */
  async refresh(): Promise<void> {
    await this.#controller?.refresh();
  }

  #attach(): ShadowRoot {
    const root = this.attachShadow({ mode: 'open' });
    // Not a style element: a page with a strict content security policy would refuse it.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    root.adoptedStyleSheets = [sheet];
    return root;
  }

  #start(): void {
    this.#controller?.stop();
    const controller = createController({
      base: (this.getAttribute('base') ?? '').replace(/\/$/, ''),
      appOrigin: this.getAttribute('app-origin') ?? new URL(import.meta.url).origin,
      onChange: (state) => this.#render(state),
    });
    this.#controller = controller;
    this.#render(controller.state());
    controller.start();
  }

  #render(state: State): void {
    const root = this.#root;
    const controller = this.#controller;
    if (!root || !controller) return;
    const focused = root.activeElement as HTMLElement | null;
    const hadDialog = root.querySelector('dialog') !== null;
    if (state.dialog && !hadDialog) this.#beforeDialog = focused ?? undefined;
    render(root, tileView(state, controller.actions));
    if (!state.dialog && hadDialog) this.#focusAfter(this.#beforeDialog);
    else if (focused && !focused.isConnected) this.#focusAfter(undefined);
  }

  /** When what had the focus is gone, a keyboard goes on from the tile's title, not from the top of the page. */
  #focusAfter(wanted: HTMLElement | undefined): void {
    const title = this.#root?.getElementById('tile-title');
    (wanted?.isConnected ? wanted : title)?.focus();
  }
}
