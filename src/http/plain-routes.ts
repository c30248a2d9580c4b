import { METHODS } from 'node:http'
import type Router from '@koa/router'
import { describeRequirement } from '../authorization/describe-requirement.js'
import { ANY_VALID_TOKEN, type Requirement } from '../authorization/requirement.js'
import type { PlainRoute } from '../controllers/plain-route.js'
import { isGuarded } from './secure-router.js'

type Layer = Router['stack'][number]

const controllersLayers = new WeakSet<Layer>()

/** Says of layers that they are a controller's routes: who may call those is in the `RouteTable`. */
export function markControllersLayers(layers: readonly Layer[]): void {
  for (const layer of layers) controllersLayers.add(layer)
}

/**
 * The routes of an assembled router that are no controller's, in its order; those of routers that are mounted in it
 * as well. Middleware that is no route answers nothing by itself, and is left out.
 */
export function plainRoutes(router: Router): readonly PlainRoute[] {
  const layers = router.stack.filter((layer) => !controllersLayers.has(layer))
  return layers.flatMap((layer) => {
    // Past the router's methods, a layer gets on the stack without a guard.
    const requirement: Requirement = isGuarded(layer) ? ANY_VALID_TOKEN : { access: 'anonymous' }
    const sentence = describeRequirement(requirement)
    return methodsOf(layer).map((method) => ({ method, path: String(layer.path), requirement, sentence }))
  })
}

/** HEAD follows its GET. */
function methodsOf({ methods }: Layer): readonly string[] {
  if (METHODS.every((method) => methods.includes(method))) return ['ALL']
  return [...new Set(methods)].filter((method) => method !== 'HEAD' || !methods.includes('GET'))
}
