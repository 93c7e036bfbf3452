package bff

import (
	"context"

	"fieldpay/action"
	"fieldpay/api"
)

// signOn is the way in by the directory.
func (s *Server) signOn() (*SignOn, error) {
	if s.o.SignOn == nil {
		return nil, &action.Error{Code: action.NotFound, Message: "This server does not offer a sign-in with Salesforce"}
	}
	return s.o.SignOn, nil
}

// StartSalesforceSignIn implements api.Handler.
func (s *Server) StartSalesforceSignIn(_ context.Context, params api.StartSalesforceSignInParams) (*api.BrowserRedirect, error) {
	on, err := s.signOn()
	if err != nil {
		return nil, err
	}
	location, browser, err := on.Start(SignOnStart{
		RedirectURI: params.RedirectUri, State: params.State, Challenge: params.CodeChallenge, DeviceID: params.DeviceId.Or(""),
	})
	if err != nil {
		return nil, err
	}
	return &api.BrowserRedirect{Location: location, SetCookie: api.NewOptString(on.cookie(browser))}, nil
}

// ReturnFromSalesforce implements api.Handler.
func (s *Server) ReturnFromSalesforce(ctx context.Context, params api.ReturnFromSalesforceParams) (*api.BrowserRedirect, error) {
	on, err := s.signOn()
	if err != nil {
		return nil, err
	}
	location, err := on.Return(ctx, params.Code.Or(""), params.State.Or(""), params.Error.Or(""), params.FieldpaySignIn.Or(""))
	if err != nil {
		return nil, err
	}
	return &api.BrowserRedirect{Location: location}, nil
}

// RedeemSignInCode implements api.Handler.
func (s *Server) RedeemSignInCode(ctx context.Context, req *api.SignInCodeRequest) (*api.LoginResponse, error) {
	on, err := s.signOn()
	if err != nil {
		return nil, err
	}
	user, err := on.Redeem(ctx, req.Code, req.CodeVerifier, req.DeviceId.Or(""))
	if err != nil {
		return nil, err
	}
	if err := s.o.Registry.admit(ctx, user, req.DeviceId.Or(""), deviceOf(ctx)); err != nil {
		return nil, err
	}
	tokens, err := s.o.Identity.Begin(ctx, user, req.DeviceId.Or(""))
	if err != nil {
		return nil, err
	}
	return &api.LoginResponse{Tokens: wireTokens(tokens), User: wireUser(user)}, nil
}
