// Every type of gateway response that AWS documents, with what it answers where the template says nothing.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html

export const gatewayResponseTypes = {
  ACCESS_DENIED: [403, 'AccessDeniedException', 'User is not authorized to access this resource'],
  API_CONFIGURATION_ERROR: [500, 'InternalServerErrorException', 'Internal server error'],
  AUTHORIZER_CONFIGURATION_ERROR: [500, 'AuthorizerConfigurationException', null],
  AUTHORIZER_FAILURE: [500, 'AuthorizerConfigurationException', null],
  // Documented as 504; for a function that failed, callers see 502.
  INTEGRATION_FAILURE: [502, 'InternalServerErrorException', 'Internal server error'],
  INTEGRATION_TIMEOUT: [504, 'InternalServerErrorException', 'Endpoint request timed out'],
  INVALID_API_KEY: [403, 'ForbiddenException', 'Forbidden'],
  MISSING_AUTHENTICATION_TOKEN: [403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'],
  QUOTA_EXCEEDED: [429, 'LimitExceededException', 'Limit Exceeded'],
  REQUEST_TOO_LARGE: [413, 'RequestTooLargeException', 'Request Too Long'],
  THROTTLED: [429, 'TooManyRequestsException', 'Too Many Requests'],
  UNAUTHORIZED: [401, 'UnauthorizedException', 'Unauthorized'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'UnsupportedMediaTypeException', 'Unsupported Media Type'],
  WAF_FILTERED: [403, 'ForbiddenException', 'Forbidden'],
  // Of no type of its own: what is no HTTP, or no HTTP that the gateway takes.
  DEFAULT_4XX: [400, 'BadRequestException', 'Bad Request'],

  // The twin never produces these, but a template may well customise them. AWS documents their statuses only; the
  // words are what callers have seen.
  BAD_REQUEST_BODY: [400, 'BadRequestException', 'Invalid request body'],
  BAD_REQUEST_PARAMETERS: [400, 'BadRequestException', 'Missing required request parameters'],
  EXPIRED_TOKEN: [403, 'ExpiredTokenException', 'The security token included in the request is expired'],
  INVALID_SIGNATURE: [403, 'InvalidSignatureException', 'The request signature does not match'],
  RESOURCE_NOT_FOUND: [404, 'NotFoundException', 'Not Found'],
} as const satisfies Record<string, readonly [status: number, errorType: string, message: string | null]>;

export type GatewayResponseType = keyof typeof gatewayResponseTypes;

/** Also of those that stand for all types of a class of statuses. */
export function isGatewayResponseType(name: string): boolean {
  return name === 'DEFAULT_5XX' || Object.hasOwn(gatewayResponseTypes, name);
}
