package bff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/ogen-go/ogen/ogenerrors"
	"github.com/ogen-go/ogen/validate"

	"fieldpay/action"
	"fieldpay/api"
)

// statusOf is the one table from a code to an HTTP status, for errors about a
// call. Clients decide by the code; the status is for everything in between.
func statusOf(code action.Code) int {
	switch code {
	case action.TotalMismatch, action.CurrencyMismatch, action.UpstreamInvalid, action.UnknownType, action.UnknownVersion:
		return http.StatusUnprocessableEntity
	case action.NotAllowed, action.Revoked:
		return http.StatusForbidden
	case action.RecordDeleted:
		return http.StatusGone
	case action.RateLimited:
		return http.StatusTooManyRequests
	case action.UpdateNeeded:
		return http.StatusUpgradeRequired
	case action.NotPossible:
		return http.StatusConflict
	case action.StorageFailed, action.DiskFull:
		return http.StatusServiceUnavailable
	}
	switch code.Class() {
	case action.Invalid:
		return http.StatusBadRequest
	case action.Gone:
		return http.StatusNotFound
	case action.Conflict, action.Integrity, action.Held:
		return http.StatusConflict
	case action.Declined, action.CustomerAction:
		return http.StatusPaymentRequired
	case action.SignIn:
		return http.StatusUnauthorized
	case action.Oversize:
		return http.StatusRequestEntityTooLarge
	case action.Transient, action.Operator, action.Accepted:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// problemOf writes err as a problem. Nothing of its cause leaves the process.
func problemOf(ctx context.Context, err error) api.Problem {
	code := action.CodeOf(err)
	message := action.MessageOf(err)
	p := api.Problem{
		Type: "urn:fieldpay:" + string(code), Title: code.Message(), Status: statusOf(code),
		Code: string(code), Error: message,
	}
	if fields := action.FieldsOf(err); len(fields) > 0 {
		p.Fields.SetTo(fields)
	}
	if e, ok := errors.AsType[*action.Error](err); ok && e.Hint != "" {
		p.Detail.SetTo(e.Hint)
	}
	if wait := retryAfter(err); wait > 0 {
		p.RetryAfterMs.SetTo(wait.Milliseconds())
	}
	if c := callOf(ctx); c != nil {
		p.RequestId.SetTo(c.requestID)
	}
	return p
}

// statusError gives an error a status other than its code's, e.g. 415 for an
// encoding.
type statusError struct {
	error
	status int
}

func (e statusError) Unwrap() error { return e.error }

// NewError implements api.Handler: every error of a handler passes here.
func (s *Server) NewError(ctx context.Context, err error) *api.ProblemStatusCode {
	err = requestError(err)
	p := problemOf(ctx, err)
	if as, ok := errors.AsType[statusError](err); ok {
		p.Status = as.status
	}
	if c := callOf(ctx); c != nil {
		c.code = action.Code(p.Code)
		if p.Status >= http.StatusInternalServerError {
			s.log.Error().Err(err).Str("request", c.requestID).Msg("request failed")
		}
		if wait := retryAfter(err); wait > 0 {
			c.header.Set("Retry-After", strconv.Itoa(int((wait.Seconds()))+1))
		}
	}
	return &api.ProblemStatusCode{StatusCode: p.Status, Response: p}
}

// handleError is for errors found before a handler ran.
func (s *Server) handleError(ctx context.Context, w http.ResponseWriter, _ *http.Request, err error) {
	p := s.NewError(ctx, err)
	writeProblem(w, p.Response, nil)
}

// notFound is the answer to an unknown route, with the members the reference's
// framework gives.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	message := fmt.Sprintf("Route %s:%s not found", r.Method, r.URL.Path)
	p := problemOf(r.Context(), &action.Error{Code: action.NotFound, Message: "Not Found"})
	writeProblem(w, p, map[string]any{"message": message, "statusCode": http.StatusNotFound})
}

func writeProblem(w http.ResponseWriter, p api.Problem, more map[string]any) {
	body, err := p.MarshalJSON()
	if err == nil && len(more) > 0 {
		all := map[string]any{}
		if err = json.Unmarshal(body, &all); err == nil {
			for name, value := range more {
				all[name] = value
			}
			body, err = json.Marshal(all)
		}
	}
	if err != nil {
		body = []byte(`{}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	// A client that went away cannot be told.
	_, _ = w.Write(body)
}

// required are the sentences of the reference for a call that lacks something.
func required(operation string) string {
	switch operation {
	case api.LoginOperation:
		return "Username and password are required"
	case api.RefreshOperation:
		return "Refresh token is required"
	case api.CreateInvoiceOperation:
		return "accountId, amount, and currency are required"
	case api.CreatePaymentIntentOperation:
		return "invoiceId, amount, and currency are required"
	case api.StripeWebhookOperation:
		return "paymentIntentId and invoiceId are required"
	case api.SyncActionsOperation:
		return "actions is required"
	default:
		return ""
	}
}

// requestError turns what the generated server found wrong with a request into
// an error of the domain.
func requestError(err error) error {
	if security, ok := errors.AsType[*ogenerrors.SecurityError](err); ok {
		if _, ours := errors.AsType[*action.Error](security.Err); ours {
			return security.Err
		}
		return &action.Error{Code: action.SignInNeeded, Message: "Missing or invalid authorization header", Cause: err}
	}
	decode, ok := errors.AsType[*ogenerrors.DecodeRequestError](err)
	if !ok {
		if params, ok := errors.AsType[*ogenerrors.DecodeParamsError](err); ok {
			return &action.Error{Code: action.BadRequest, Message: "A parameter of the request is not valid", Cause: params}
		}
		return err
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large || errors.Is(err, errTooLarge) {
		return &action.Error{Code: action.TooLarge, Message: "Payload Too Large", Cause: err}
	}
	e := &action.Error{Code: action.BadRequest, Message: action.BadRequest.Message(), Cause: err}
	if invalid, ok := errors.AsType[*validate.Error](err); ok {
		return invalidRequest(e, invalid, decode.OperationName())
	}
	if _, rest, found := strings.Cut(err.Error(), `unexpected field "`); found && decode.OperationName() == api.UpdateInvoiceOperation {
		field, _, _ := strings.Cut(rest, `"`)
		e.Message, e.Fields = "Only fields of update_invoice can be changed", map[string]string{field: "cannot be changed"}
	}
	if errors.Is(err, validate.ErrBodyRequired) && required(decode.OperationName()) != "" {
		e.Message = required(decode.OperationName())
	}
	return e
}

func invalidRequest(e *action.Error, invalid *validate.Error, operation string) error {
	e.Fields = map[string]string{}
	for _, f := range invalid.Fields {
		name := f.Name
		var long *validate.MaxLengthError
		switch {
		case errors.Is(f.Error, validate.ErrFieldRequired), strings.Contains(f.Error.Error(), "less than minimum"):
			e.Fields[name] = "is required"
			if text := required(operation); text != "" {
				e.Message = text
			}
		case errors.As(f.Error, &long) && long.MaxLength >= 500 && operation != api.LoginOperation:
			e.Code, e.Message = action.TooLarge, action.TooLarge.Message()
			e.Fields[name] = fmt.Sprintf("has more than %d entries", long.MaxLength)
		default:
			e.Fields[name] = "is not valid"
		}
	}
	return e
}
