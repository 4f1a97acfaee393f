import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface RequestTracker {
  readonly listener: RequestListener;
  /** Resolves when no request is under way. */
  idle(): Promise<void>;
}

/** Turns an async handler into a listener and knows which requests are under way. */
export function trackRequests(handler: RequestHandler, onError: (error: unknown) => void): RequestTracker {
  const open = new Set<Promise<void>>();
  return {
    listener(request, response) {
      const done = handler(request, response).catch((error) => {
        // A caller that hung up while it sent its body is no fault of the host.
        if (request.destroyed && !request.complete) return;
        onError(error);
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
      open.add(done);
      void done.finally(() => open.delete(done));
    },
    async idle() {
      while (open.size > 0) await Promise.all(open);
    },
  };
}

/**
 * The absolute URL of a request: dot segments are resolved, escapes such as `%2F` stay as they were sent. Undefined
 * when the request line or the host header is malformed.
 */
export function requestUrl(request: IncomingMessage): URL | undefined {
  const target = request.url ?? '/';
  const url = target.startsWith('/') ? `http://${request.headers.host ?? '127.0.0.1'}${target}` : target;
  return URL.canParse(url) ? new URL(url) : undefined;
}
