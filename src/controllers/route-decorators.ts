import { assertParentheses } from '../authorization/decorator-parentheses.js'
import { assertDecoratorPlace } from '../authorization/decorator-place.js'
import { controllerPrefix, declaredStatus, type RouteMethod, routeDeclarations } from './controller-metadata.js'

/**
 * Makes a class a controller; its routes' paths begin with `prefix`.
 *
 * The class is resolved from the container, so its constructor takes whatever is bound there.
 */
export function Controller(prefix = '/'): ClassDecorator {
  assertParentheses("@Controller('/path')", [prefix])
  return (target: { readonly prototype: object }, ...rest: readonly unknown[]) => {
    assertDecoratorPlace('@Controller', ['class'], [target, ...rest])
    controllerPrefix.write(() => prefix, target.prototype)
  }
}

/** Answers GET, and HEAD by the same rule. A path is @koa/router's: `/:id`, `/files/*path`, `/list{/:page}`. */
export function Get(path = '/'): MethodDecorator {
  return route('@Get', 'GET', path)
}

/** Answers POST. */
export function Post(path = '/'): MethodDecorator {
  return route('@Post', 'POST', path)
}

/** Answers PUT. */
export function Put(path = '/'): MethodDecorator {
  return route('@Put', 'PUT', path)
}

/** Answers PATCH. */
export function Patch(path = '/'): MethodDecorator {
  return route('@Patch', 'PATCH', path)
}

/** Answers DELETE. */
export function Delete(path = '/'): MethodDecorator {
  return route('@Delete', 'DELETE', path)
}

/** Answers HEAD, instead of the GET of the same path. */
export function Head(path = '/'): MethodDecorator {
  return route('@Head', 'HEAD', path)
}

/** Answers OPTIONS, instead of the built-in list of allowed methods. */
export function Options(path = '/'): MethodDecorator {
  return route('@Options', 'OPTIONS', path)
}

/**
 * The status of a response whose method returns.
 *
 * @throws {RangeError} for anything but a final status, 200 to 599.
 */
export function Status(code: number): MethodDecorator {
  assertParentheses('@Status(201)', [code])
  if (!Number.isInteger(code) || code < 200 || code > 599) throw new RangeError('@Status takes a code from 200 to 599')
  return (...place) => {
    assertDecoratorPlace('@Status', ['method'], place)
    declaredStatus.write(() => code, place[0], place[1])
  }
}

function route(decorator: string, method: RouteMethod, path: string): MethodDecorator {
  assertParentheses(`${decorator}('/path')`, [path])
  return (...place) => {
    assertDecoratorPlace(decorator, ['method'], place)
    const [prototype, key] = place
    routeDeclarations.write((before = []) => [{ method, path }, ...before], prototype, key)
  }
}
