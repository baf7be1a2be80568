// The template asks of the API what the twin cannot run. It fails the start, because an API that quietly does less
// than the deployed one would be found out much later.

export class ApiNotModelled extends Error {
  override readonly name = 'ApiNotModelled';
}
