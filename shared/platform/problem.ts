/**
 * An error that an HTTP caller sees as `application/problem+json` (RFC 9457). `code` is stable and documented, `detail`
 * says what to do about it. Anything else thrown by a handler becomes a 500 without its text.
 */
export class ProblemError extends Error {
  override name = 'ProblemError' as const;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly retryAfterSeconds: number | undefined;
  /** Further members of the problem document, for example `fields` of `invalid_arguments`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    options: { retryAfterSeconds?: number | undefined; members?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.members = options.members ?? {};
  }
}

/** The body of a problem response. */
export function problemBody(problem: ProblemError, traceId: string): Record<string, unknown> {
  return {
    type: 'about:blank',
    title: problem.code,
    status: problem.status,
    code: problem.code,
    detail: problem.detail,
    ...(problem.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: problem.retryAfterSeconds }),
    ...problem.members,
    traceId,
  };
}
