package bff

import (
	"context"

	"fieldpay/action"
	"fieldpay/api"
)

// EnrolDevice implements api.Handler. The signature proves that the device has
// the key that it brings.
func (s *Server) EnrolDevice(ctx context.Context, req *api.EnrolRequest) (*api.Enrolment, error) {
	d := deviceOf(ctx)
	if d == nil {
		return nil, &action.Error{Code: action.BadRequest, Message: "The request is not signed with the device's key"}
	}
	e, err := s.o.Registry.Enrol(ctx, req.Code, d.deviceID, d.key, req.Name.Or(""), remoteOf(ctx))
	if err != nil {
		return nil, err
	}
	return &api.Enrolment{DeviceId: e.DeviceID, Name: e.Name, EnrolledAt: e.EnrolledAt.UTC()}, nil
}
