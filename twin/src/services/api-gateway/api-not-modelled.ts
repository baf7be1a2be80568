// The API uses what the twin cannot run. The start fails: an API that silently does less than the deployed one would be
// noticed much later. In a file of its own because what reads parts of an API throws it, and the definition imports
// those.

export class ApiNotModelled extends Error {
  override readonly name = 'ApiNotModelled';
}
