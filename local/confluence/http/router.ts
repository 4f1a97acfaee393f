type Parameters = Readonly<Record<string, string>>;

interface Route<Handler> {
  readonly method: string;
  readonly pattern: string;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly handler: Handler;
}

export interface Match<Handler> {
  readonly handler: Handler;
  readonly pattern: string;
  readonly params: Parameters;
}

/** Finds a handler by method and path. `:name` in a pattern stands for one path segment. */
export class Router<Handler> {
  readonly #routes: Route<Handler>[] = [];

  add(method: string, pattern: string, handler: Handler): this {
    const names: string[] = [];
    const source = pattern.replace(/:([a-zA-Z]+)/g, (_, name: string) => {
      names.push(name);
      return '([^/]+)';
    });
    this.#routes.push({ method, pattern, expression: new RegExp(`^${source}$`), names, handler });
    return this;
  }

  match(method: string, path: string): Match<Handler> | undefined {
    for (const route of this.#routes) {
      if (route.method !== method) continue;
      const found = route.expression.exec(path);
      if (!found) continue;
      const params: Record<string, string> = {};
      route.names.forEach((name, index) => {
        params[name] = decode(found[index + 1] ?? '');
      });
      return { handler: route.handler, pattern: route.pattern, params };
    }
    return undefined;
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
