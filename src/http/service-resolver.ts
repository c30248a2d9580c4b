import type { Newable, ResolutionContext, ServiceIdentifier } from 'inversify'

/** Gets one service from the container, each time anew: scopes and later rebinds are the container's business. */
export interface ServiceResolver<Service> {
  /** A promise only where the service, or something it is made of, is resolved asynchronously. */
  readonly resolve: () => Service | Promise<Service>
  /** Resolves the service once, so that a binding that can't work is found at start-up. A promise may be left alone. */
  readonly probe: () => Service | Promise<Service>
}

/** A resolver for `identifier`; what the first resolution finds out about it holds for the later ones. */
export function serviceResolver<Service>(
  context: Pick<ResolutionContext, 'get' | 'getAsync'>,
  identifier: ServiceIdentifier<Service> | Newable<Service>,
): ServiceResolver<Service> {
  let isAsync: boolean | undefined
  const resolve = (): Service | Promise<Service> => {
    if (isAsync) return context.getAsync(identifier)
    // What is asked for synchronously in vain may fail later with nobody to notice, which ends a process.
    // Asking asynchronously first makes singletons, which share their promises, fail in front of a witness.
    if (isAsync === undefined) context.getAsync(identifier).catch(() => undefined)
    try {
      const service = context.get(identifier)
      isAsync = false
      return service
    } catch (error) {
      if (!isAsyncServiceError(error)) throw error
      isAsync = true
      return context.getAsync(identifier)
    }
  }
  const probe = (): Service | Promise<Service> => {
    const service = resolve()
    // Whoever needs the service is told of its failure; here nobody waits for it.
    if (service instanceof Promise) service.catch(() => undefined)
    return service
  }
  return { resolve, probe }
}

/** Inversify has no error class of its own for this that could be imported. */
function isAsyncServiceError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Unexpected asynchronous service')
}
