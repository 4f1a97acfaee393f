/** A CQL text that cannot be answered, and why. */
export class CqlError extends Error {
  override readonly name = 'CqlError' as const;
}
