// The API uses what the twin cannot run. The start fails: an API that silently does less than the deployed one would be
// noticed much later.

export class ApiNotModelled extends Error {
  override readonly name = 'ApiNotModelled';
}
