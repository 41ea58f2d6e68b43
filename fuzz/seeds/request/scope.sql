POST /billing/oauth2/token HTTP/1.1
Host: localhost
Authorization: Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW
Content-Type: application/x-www-form-urlencoded
Content-Length: 54

grant_type=client_credentials&scope=x'%20OR%20'1'%3D'1