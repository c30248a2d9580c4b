import type { Newable, ResolutionContext, ServiceIdentifier } from 'inversify'

/** Gets one service from the container, each time anew: scopes and later rebinds are the container's business. */
export interface ServiceResolver<Service> {
  /** A promise only where the service, or something it is made of, is resolved asynchronously. */
  readonly resolve: () => Service | Promise<Service>
  /** Resolves the service once, so that a binding that can't work is found at start-up. */
  readonly probe: () => void
}

/** A resolver for `identifier`; what the first resolution finds out about it holds for the later ones. */
export function serviceResolver<Service>(
  context: Pick<ResolutionContext, 'get' | 'getAsync'>,
  identifier: ServiceIdentifier<Service> | Newable<Service>,
): ServiceResolver<Service> {
  let isAsync: boolean | undefined
  const resolve = (): Service | Promise<Service> => {
    isAsync ??= isResolvedAsynchronously(context, identifier)
    return isAsync ? context.getAsync(identifier) : context.get(identifier)
  }
  const probe = (): void => {
    const service = resolve()
    // Whoever needs the service is told of its failure; here nobody waits for it.
    if (service instanceof Promise) service.catch(() => undefined)
  }
  return { resolve, probe }
}

/**
 * Finds out by trying. What the synchronous attempt leaves behind may fail later with nobody to notice, which ends
 * a process; asking asynchronously first makes singletons, which share their promises, fail in front of a witness.
 */
function isResolvedAsynchronously<Service>(
  context: Pick<ResolutionContext, 'get' | 'getAsync'>,
  identifier: ServiceIdentifier<Service> | Newable<Service>,
): boolean {
  context.getAsync(identifier).catch(() => undefined)
  try {
    context.get(identifier)
    return false
  } catch (error) {
    // Inversify has no error class for this that could be imported.
    if (error instanceof Error && error.message.startsWith('Unexpected asynchronous service')) return true
    throw error
  }
}
