import type { BindingActivation, Newable, OnActivation, ResolutionContext } from 'inversify'
import { declarationsAt, declaredMembers, declaredPrototypes } from '../authorization/declarations.js'
import { AuthClientSettings } from '../config/auth-client-settings.js'
import { isController } from '../controllers/controller-metadata.js'
import { AuthConfigurationError, type ConfigurationProblem } from '../errors/auth-configuration-error.js'
import { isSecured } from './secured-instance.js'

type Service = Newable<object>

/**
 * Keeps a container from handing out services whose security decorators nothing enforces.
 *
 * A container can't be asked whether a binding is secured, so it is the instance that tells. Seen are classes that bear
 * decorators themselves and are bound by their own name; what merely stands in for one of them is left alone.
 *
 * @param known the activations that a service has already; left out, none is known
 */
export function refuseUnsecured(
  onActivation: OnActivation,
  known: ResolutionContext['getActivations'] = () => undefined,
): void {
  for (const prototype of declaredPrototypes()) {
    const service = prototype.constructor as Service | undefined
    if (service?.prototype !== prototype || isController(prototype)) continue
    if ([...(known(service) ?? [])].some((activation) => ours.has(activation))) continue
    const activation: BindingActivation<object> = (context, instance) => securedOne(service, context, instance)
    ours.add(activation)
    onActivation(service, activation)
  }
}

const ours = new WeakSet<BindingActivation<object>>()

function securedOne(service: Service, context: ResolutionContext, instance: object): object {
  if (isSecured(instance) || !(instance instanceof service)) return instance
  if (context.get(AuthClientSettings, { optional: true })?.enabled === false) return instance
  throw new AuthConfigurationError(problems(service))
}

function problems({ name, prototype }: Service): readonly ConfigurationProblem[] {
  return [undefined, ...declaredMembers(prototype)].flatMap((key) => {
    const decorators = new Set(declarationsAt(prototype, key).map(({ decorator }) => decorator))
    if (decorators.size === 0) return []
    const mending = `secure the binding: secured(container.bind(${name}).toSelf())`
    const message = `has ${[...decorators].join(' and ')}, which nothing enforces; ${mending}`
    return [{ where: key === undefined ? name : `${name}.${String(key)}`, message }]
  })
}
