const AsyncFunction = (async () => undefined).constructor

/** Whether something was written as `async`: not whether it answers with a promise, which only a call would tell. */
export function isAsyncFunction(value: unknown): boolean {
  return value instanceof AsyncFunction
}
