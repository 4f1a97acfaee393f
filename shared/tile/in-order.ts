/**
 * Makes a queue that runs calls one after another, so that the last click is what stays. A result says whether it is
 * the latest: an earlier one is out of date already, because more clicks wait.
 */
export function createQueue() {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async <T>(call: () => Promise<T>): Promise<{ value: T; isLatest: boolean }> => {
    waiting += 1;
    const mine = last.then(call);
    last = mine.catch(() => undefined);
    try {
      const value = await mine;
      return { value, isLatest: waiting === 1 };
    } finally {
      waiting -= 1;
    }
  };
}
