import { expect } from 'chai'

/** What a promise is rejected with; an assertion fails when it is not. */
export async function rejection<Failure extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => Failure,
): Promise<Failure> {
  const error: unknown = await promise.then(
    () => new Error('the promise was fulfilled'),
    (reason: unknown) => reason,
  )
  expect(error).to.be.instanceOf(kind)
  return error as Failure
}
