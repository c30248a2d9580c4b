/** What every subject is told and has to do: the same tokens, the same role check, the same answer. */

export const ISSUER = 'https://issuer.example/'
export const AUDIENCE = 'https://tasks.example/api'
export const ROLES = ['manager', 'admin']

/** The path that is measured, the last of `routes` routes; the others are `/area-A/item-B/:id`. */
export const PATH = '/tasks/:id'
export const REQUESTED = '/tasks/42'

/** Ten routes to an area, like a controller's. */
export const AREA_SIZE = 10

/** Paths that make the application larger and are never asked for, by area. */
export function fillers(routes) {
  const paths = Array.from({ length: routes - 1 }, (_, index) => index)
  const areas = Array.from({ length: Math.ceil(paths.length / AREA_SIZE) }, (_, area) => area)
  return areas.map((area) => ({
    prefix: `/area-${area}`,
    paths: paths
      .slice(area * AREA_SIZE, (area + 1) * AREA_SIZE)
      .map((index) => ({ name: `show${index}`, path: `/item-${index}/:id` })),
  }))
}

/** What is answered. */
export function task(id, { sub, org_id: org }) {
  return { id, title: 'Water the plants', done: false, by: sub, org }
}
