const CODES: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  424: 'FailedDependency',
  429: 'TooManyRequests',
  449: 'RetryWith',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

/** An answer with a status of 400 or more, in the shape the service gives it. */
export class CosmosError extends Error {
  override name = 'CosmosError' as const;
  readonly status: number;
  readonly substatus: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** A query plan: tells the client that it must split the query itself. */
  readonly additionalErrorInfo: string | undefined;

  constructor(
    status: number,
    message: string,
    more: { substatus?: number; retryAfterMs?: number; additionalErrorInfo?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.substatus = more.substatus;
    this.retryAfterMs = more.retryAfterMs;
    this.additionalErrorInfo = more.additionalErrorInfo;
  }

  body(): Record<string, string> {
    const body: Record<string, string> = { code: CODES[this.status] ?? String(this.status), message: this.message };
    if (this.additionalErrorInfo !== undefined) body.additionalErrorInfo = this.additionalErrorInfo;
    return body;
  }
}

export const notFound = (what = 'Entity with the specified id does not exist in the system.') =>
  new CosmosError(404, what, { substatus: 0 });
export const conflict = () => new CosmosError(409, 'Entity with the specified id already exists in the system.');
export const preconditionFailed = () => new CosmosError(412, 'One of the specified pre-condition is not met.');
export const badRequest = (message: string) => new CosmosError(400, message);
/** The emulator never guesses: what it cannot do right it refuses, by name. */
export const unsupported = (what: string) => new CosmosError(400, `${what} is not supported by this emulator.`);
