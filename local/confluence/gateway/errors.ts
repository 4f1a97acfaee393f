import { type Answer, json } from '../http/exchange.ts';

/** An error in the shape of REST v2. */
export function v2Error(status: number, code: string, title: string, detail: string | null = null): Answer {
  return json(status, { errors: [{ status, code, title, detail }] });
}

/** An error in the shape of REST v1. */
export function v1Error(status: number, message: string): Answer {
  return json(status, {
    statusCode: status,
    data: { authorized: false, valid: true, errors: [], successful: false },
    message,
  });
}

/** An error of the API gateway itself. */
export function gatewayError(code: number, message: string): Answer {
  return json(code, { code, message });
}

export function notFound(what: string): Answer {
  return v2Error(404, 'NOT_FOUND', `Not Found: ${what}`);
}

/** A parameter of the wrong kind. Thrown while a query is read, answered as 400 in the v2 shape. */
export class InvalidParameter extends Error {
  override readonly name = 'InvalidParameter' as const;

  constructor(parameter: string, value: string, expected: string) {
    super(`Provided value {${value}} for '${parameter}' is not the correct type. Expected type is ${expected}`);
  }

  toAnswer(): Answer {
    return v2Error(400, 'INVALID_REQUEST_PARAMETER', this.message, '');
  }
}
