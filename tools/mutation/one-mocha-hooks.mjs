export function resolve(specifier, context, nextResolve) {
  return nextResolve(specifier, specifier === 'mocha' ? { ...context, parentURL: import.meta.url } : context)
}
