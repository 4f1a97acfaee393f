/** A failure that the user can mend: its message says what to do and is shown without a stack trace. */
export class StackError extends Error {
  override name = 'StackError' as const;
}
